"""diptych: one manuscript in Markdown becomes an EPUB and PDF editions, with every note in its place."""

__version__ = "0.1.0"

"""Somebody else's book becomes a book folder. Importers write Markdown into a new folder and stop.

One file per kind of source, and the small book that `new` begins with. An importer is a plain function: a
File in, Files and problems out. It reads no disk, changes no words, and never meets the rest of the pipeline:
what it wrote is the author's from then on.
"""

"""What an author can write: one file per thing.

A feature has up to three functions. `syntax()` gives Python-Markdown extensions that turn its text into elements.
`shape(body, ...)` makes the finished tree ours and returns problems; it is given a tree that nobody else holds yet.
`resolve(body, ...)` makes a copy of a chapter what one edition needs. Features do not know each other.
"""

"""Formulas: the TeX that an author writes, as MathML, as words and as a picture. Nothing here knows about books."""

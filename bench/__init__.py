"""Measures diptych and its peers on the same manuscript, in turn and in the same run. `bench/README.md` tells how."""

"""Writers turn pages into files and return them as bytes. They do not know that disks exist."""

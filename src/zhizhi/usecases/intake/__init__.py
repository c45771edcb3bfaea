"""Reading a book: the map, the fields of each kind, single values, whole rows. Pure: no store, no files, no clock."""

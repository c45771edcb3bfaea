"""Named limits of what a file may bring."""

from datetime import date

AMOUNT_MINOR_LIMIT = 10**12
"""First amount that is refused: ten billion yuan in fen. An amount of this size in a retail book is a wrong unit."""

EARLIEST_DAY = date(1980, 1, 1)
"""No consumer debt of ours is older; spreadsheets write 1899 and 1900 for an empty date."""

YEARS_AHEAD_MAX = 40
"""A due day may lie ahead, no further than the longest mortgage."""

CELL_CHARACTERS_MAX = 2_000
"""Longest cell of a mapped column; free text of a note is the longest there is."""

NAME_CHARACTERS_MAX = 100
NUMBER_CHARACTERS_MAX = 64
ADDRESS_CHARACTERS_MAX = 300

COLUMNS_MAX = 512
"""A table with more columns is not a book."""

NUMBERS_IN_A_CELL_MAX = 3
"""A cell with more telephone numbers is a list of other people's numbers."""

SAMPLE_ROWS = 200
"""Rows that are looked at before anything is stored: for the guess, and for columns that hold an address book."""

MAP_BYTES_MAX = 64 * 1024
MONTHS_MAX = 60

CHUNK_ROWS = 10_000
"""Rows of one transaction."""

SMALL_CHUNK_ROWS = 2_000
"""Rows of one transaction of the other kinds."""

INLINE_ROWS = 4_000
"""Up to so many rows the work is done in this process: starting two others would take longer."""

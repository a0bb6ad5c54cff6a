"""What separates columns, and the columns that we add ourselves."""

from typing import Final

SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
# Columns that we add to a file of refused rows; a corrected file may keep them.
REFUSED_LINE: Final = "refused_line"
REFUSED_BECAUSE: Final = "refused_because"
ADDED: Final = (REFUSED_LINE, REFUSED_BECAUSE)

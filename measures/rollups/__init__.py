"""The engine of reduction: facts become rollups as sets, by the rules of ``measures.arithmetic``.

One stage after the other fills a table that lives as long as the transaction: the agreement, the
cells, the time, the organizations above each other. Then what differs is written.
"""

from measures.rollups.draining import drain, rebuild
from measures.rollups.tables import TableRow, table, table_as_known

__all__ = ["TableRow", "drain", "rebuild", "table", "table_as_known"]

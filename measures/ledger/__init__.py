"""The one writer of facts: adds what differs, stamps what it replaces, marks what to recompute.

``facts`` writes a few facts, ``staged`` all that a file says, set-based from the table of
:mod:`measures.imports.staging`. Both hold the same lock and leave the same rows.
"""

from measures.ledger.facts import LEDGER_LOCK, NewFact, mark_dirty, record, take_turns

__all__ = ["LEDGER_LOCK", "NewFact", "mark_dirty", "record", "take_turns"]

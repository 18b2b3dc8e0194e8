"""An initiative as one JSON document: who takes part, what is measured, when, and by whom.

``schema`` says what a document may hold and reads it into plain dataclasses, ``nodes`` keeps
track of where in the document a mistake stands, ``dump`` writes a document from what is stored.
:mod:`measures.services.descriptions` stores one. The format is told in
``docs/how-to/describe-an-initiative.md``.
"""

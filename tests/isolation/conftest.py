"""Two initiatives of the same shape in the database."""

import pytest

from backbone.management.twins import seed


@pytest.fixture
def twins(transactional_db):
    return seed()

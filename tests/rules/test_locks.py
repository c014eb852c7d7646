"""Who takes turns on PostgreSQL takes turns with their own kind only."""

from core.storage.database import locks


def test_no_two_kinds_of_work_wait_for_each_other():
    numbers = [value for name, value in vars(locks).items() if name.isupper()]

    assert len(numbers) >= 4
    assert len(set(numbers)) == len(numbers)

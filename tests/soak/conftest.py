"""Long runs, by `make soak` only."""

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these, with the reason, wherever they were not asked for."""
    if not os.environ.get("DISTAL_SOAK"):
        for item in items:
            if "soak" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="a long run: make soak"))

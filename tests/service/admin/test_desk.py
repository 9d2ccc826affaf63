"""A command that only looks at a service makes none, on either database."""

import pytest
from sqlalchemy import create_engine, inspect

from modstation.core.problem import Problem
from modstation.service.admin.desk import open_desk


def test_a_database_without_a_service_is_told_and_stays_as_it_was(tmp_path, database_url, request):
    if database_url:
        request.getfixturevalue("cluster").bare_database()
    data = tmp_path / "data"
    with pytest.raises(Problem) as told, open_desk(data, database_url, makes=False):
        pass
    assert told.value.code == "service.nothing_here"
    assert not database_url or database_url not in told.value.place, "a URL may hold a password"
    assert not data.exists()
    if database_url:
        engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
        assert inspect(engine).get_table_names() == []
        engine.dispose()
    with open_desk(data, database_url, makes=True) as desk:
        assert not data.exists(), "nothing is made before it is needed"
        assert inspect(desk.database.engine).has_table("item")
    with open_desk(data, database_url, makes=False) as desk:
        assert desk.database.is_ready()

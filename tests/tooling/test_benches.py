"""A benchmark whose figures nobody reads for months still measures what it says."""

from bench import replay


async def test_the_history_that_is_measured_holds(database_url: str, capsys) -> None:
    await replay.measure(database_url, 40)

    assert capsys.readouterr().out.split()[:2] == ["40", "10"]

"""The settings file: every mistake by key and line, an example that is the defaults."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from distal.cli import cli
from distal.daemon.config import Config, check, example, load
from distal.daemon.config_words import all_keys
from distal.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "daemon.toml"


def problems(file: Path, text: str) -> list[str]:
    file.write_text(text)
    return [str(one) for one in check(file).problems]


def test_printed_example_is_the_defaults_and_shows_every_key(file: Path) -> None:
    file.write_text(example())
    assert check(file).config == Config()
    for key in all_keys(Config):
        name = key.rpartition(".")[2]
        assert f"[{key}]" in example() or f"\n{name} = " in example() or f"\n# {name} = " in example()


def test_every_value_of_the_example_that_is_commented_out_is_a_good_one(file: Path) -> None:
    lines = [line.removeprefix("# ") if " = " in line else line for line in example().splitlines()]
    file.write_text("\n".join(lines))
    assert check(file).problems == ()


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "example.org", "::"])
def test_only_this_computer_is_served(file: Path, address: str) -> None:
    (problem,) = problems(file, f'[server]\naddress = "{address}"\n')
    assert problem.startswith("line 2: server.address")
    assert "Give 127.0.0.1" in problem


def test_each_mistake_has_its_line_and_says_what_to_give(file: Path) -> None:
    text = '[server]\nport = 80\n\n[start]\nbuton = true\nmotion = "x"\n[wearer]\nsex = "x"\n[wings]\n'
    assert problems(file, text) == [
        "line 2: server.port is 80: give 1024 or more",
        "line 5: start.buton is not known. Did you mean start.button?",
        "line 6: start.motion is 'x': give true or false",
        "line 8: wearer.sex is 'x': give 'f' or 'm'",
        "line 9: wings is not known. distal daemon --print-config shows every key",
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("server.port = 1", "line 1: server.port"),
        ("server = {port = 1}", "line 1: server.port"),
        ("server = 5", "line 1: server is 5: it is a section"),
        ("[recordings]\nfolder = 5", "line 2: recordings.folder is 5: give text"),
        ("[limits]\nmin_free_mb = 1.5", "line 2: limits.min_free_mb is 1.5: give a whole number"),
        ("[server\n", "it is no TOML"),
    ],
)
def test_any_form_of_toml_is_found_again(file: Path, text: str, wanted: str) -> None:
    assert problems(file, text)[0].startswith(wanted)


def test_missing_file_is_the_defaults_unless_it_was_named(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTAL_CONFIG", str(tmp_path / "none"))
    assert load(None) == Config()
    with pytest.raises(ConfigError, match="cannot be read"):
        load(file)


def test_check_prints_all_and_exits_with_2(file: Path) -> None:
    file.write_text("[server]\nport = 80\nadress = 1\n")
    result = CliRunner().invoke(cli, ["daemon", "--config", str(file), "--check"])
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 2
    assert "2 mistakes" in result.stderr


def test_start_with_a_bad_file_is_one_line_and_2(file: Path) -> None:
    file.write_text("[server]\nport = 80\nadress = 1\n")
    result = CliRunner().invoke(cli, ["daemon", "--config", str(file)])
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "There is 1 more" in result.stderr


def test_wearer_becomes_the_facts_of_a_session() -> None:
    config = Config.model_validate({"wearer": {"height_m": 1.7, "mass_left_kg": 2}})
    facts = config.wearer.facts("squat")
    assert (facts.height_m, facts.mass_left_kg, facts.exercise) == (1.7, 2.0, "squat")

"""The daemon's settings: one TOML file, every key with its meaning, limits and default."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from distal.daemon.config_words import Problem, explain, find_line
from distal.device.keys import config_folder
from distal.errors import ConfigError
from distal.model import Facts
from distal.report.words import LANGUAGES

LOOPBACK = ("127.0.0.1", "::1", "localhost")
FILE_NAME = "daemon.toml"
PORT = 8377


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Recordings(_Part):
    """Where sessions are kept."""

    folder: Path = Field(
        default=Path("~/Distal"), description="Made when it is missing. ~ is your home folder."
    )

    @field_validator("folder")
    @classmethod
    def _home(cls, folder: Path) -> Path:
        return folder.expanduser()


class Server(_Part):
    """The live page, for this computer alone."""

    address: str = Field(
        default="127.0.0.1", description="127.0.0.1, ::1 or localhost; nothing else is served."
    )
    lang: Literal[LANGUAGES] = Field(  # type: ignore[valid-type]
        default="en", description="Language of page, messages and reports; pseudo tries out a new one."
    )
    port: int = Field(default=PORT, ge=1024, le=65535, description="The page is at http://127.0.0.1:PORT/")

    @field_validator("address")
    @classmethod
    def _own(cls, address: str) -> str:
        if address not in LOOPBACK:
            raise ValueError("address")
        return "127.0.0.1" if address == "localhost" else address


class CuffsPart(_Part):
    """Which cuffs are connected."""

    only_paired: bool = Field(default=True, description="false: any cuff in reach that a host may command.")
    left: str | None = Field(
        default=None, description="Id of the left cuff, where cuff and pairing say otherwise."
    )
    right: str | None = Field(default=None, description="Id of the right cuff.")


class Start(_Part):
    """What begins and ends a session, beside the page and `POST /start`."""

    button: bool = Field(
        default=True, description="A short press of a cuff's button begins and ends a session."
    )
    motion: bool = Field(default=False, description="A leg that moves begins one, rest ends it.")
    rest_min: float = Field(
        default=5.0, ge=0.1, le=240, description="Minutes of rest after which motion ends it."
    )


class Wearer(_Part):
    """What is known of the person and the wearing; it goes into every recording."""

    person: str | None = Field(default=None, description="A name of distal people: profile, limits, history.")
    height_m: float | None = Field(default=None, ge=0.5, le=2.6, description="For loads about knee and hip.")
    body_mass_kg: float | None = Field(default=None, ge=10, le=400, description="The person's mass.")
    sex: Literal["f", "m"] | None = Field(default=None, description="For tables of body proportions.")
    mass_left_kg: float | None = Field(
        default=None, ge=0, le=30, description="Worn mass; else the cuff says it."
    )
    mass_right_kg: float | None = Field(
        default=None, ge=0, le=30, description="Worn mass; else the cuff says it."
    )
    placement: Literal["ankle", "shank", "foot"] = Field(default="ankle", description="Where the cuffs sit.")
    cuff_height_m: float = Field(
        default=0.08, ge=-0.1, le=0.5, description="Centre of the worn mass above the ankle."
    )

    def facts(self, exercise: str | None = None) -> Facts:
        """As a recording keeps them."""
        return Facts(exercise=exercise, **self.model_dump(exclude={"person"}))


class Limits(_Part):
    """What keeps a forgotten session from filling the disk."""

    longest_min: float = Field(
        default=240.0, ge=0.1, le=1440, description="A session ends by itself after so long."
    )
    min_free_mb: int = Field(default=200, ge=1, le=1_000_000, description="Below that no session is begun.")


class Config(_Part):
    """Everything. Each part may be left out, each key too."""

    recordings: Recordings = Recordings()
    server: Server = Server()
    cuffs: CuffsPart = CuffsPart()
    start: Start = Start()
    wearer: Wearer = Wearer()
    limits: Limits = Limits()


# keys without a default, in the printed example
_EXAMPLES = {
    "left": "a1b2c3d4e5f6",
    "right": "f6e5d4c3b2a1",
    "person": "Ann",
    "height_m": 1.75,
    "body_mass_kg": 70,
    "sex": "f",
    "mass_left_kg": 1.0,
    "mass_right_kg": 1.0,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A settings file as read: the settings, or what is wrong with them."""

    path: Path
    config: Config | None
    problems: tuple[Problem, ...]


def config_path() -> Path:
    """The file that is read when none is named."""
    return config_folder() / FILE_NAME


def check(path: Path) -> Checked:
    """Read a file; every mistake by key and line. A missing file is a mistake too."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        return Checked(path, None, (Problem(None, "", f"it cannot be read ({why})"),))
    try:
        return Checked(path, Config.model_validate(tomllib.loads(text)), ())
    except tomllib.TOMLDecodeError as error:
        return Checked(path, None, (Problem(None, "", f"it is no TOML: {error}"),))
    except ValidationError as error:
        found = [explain(one, Config) for one in error.errors()]
        problems = [Problem(find_line(text, key), key, why) for key, why in found]
        return Checked(path, None, tuple(sorted(problems, key=lambda one: one.line or 0)))


def load(path: Path | None) -> Config:
    """The settings of a file; without a name those of the usual one, defaults if it is not there.

    raises  ConfigError with the first mistake
    """
    if path is None and not config_path().exists():
        return Config()
    checked = check(path or config_path())
    if checked.config is None:
        first, rest = checked.problems[0], len(checked.problems) - 1
        more = f" There {'is' if rest == 1 else 'are'} {rest} more." if rest else ""
        text = f"{checked.path}: {first}.{more}"
        raise ConfigError(f"{text} See: distal daemon --check --config {checked.path}")
    return checked.config


def example() -> str:
    """A settings file with every key, its meaning and its default."""
    lines = ["# Settings of `distal daemon`. Every key may be left out.", ""]
    for name, part in Config.model_fields.items():
        kind = part.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, BaseModel)
        lines += [f"# {kind.__doc__}", f"[{name}]"]
        for key, one in kind.model_fields.items():
            lines += [f"# {one.description}", _assigned(key, one.default), ""]
    return "\n".join(lines)


def _assigned(key: str, default: Any) -> str:
    if default is None:
        return f"# {key} = {_toml(_EXAMPLES[key])}"
    return f"{key} = {_toml(default)}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str | Path) else str(value)

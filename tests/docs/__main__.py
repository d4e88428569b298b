"""Write the generated documents: python -m tests.docs (part of `make docs`)."""

import sys

from tests.docs import commands, trace


def main() -> None:
    try:
        wanted = {trace.PAGE: trace.checked(), **commands.pages()}
    except trace.Lost as lost:
        sys.exit(f"error: {lost}")
    commands.FOLDER.mkdir(parents=True, exist_ok=True)
    for old in set(commands.FOLDER.glob("*.md")) - set(wanted):
        old.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

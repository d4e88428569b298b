"""`python -m distal.cli`: the `distal` command where no script was installed."""

from distal.cli import main

if __name__ == "__main__":
    main()

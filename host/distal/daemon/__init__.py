"""The daemon: holds links to paired cuffs, records sessions, writes reports, serves the live page."""

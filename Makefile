# Two commands: `make demo` shows Distal at work on virtual cuffs, `make test` proves it.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
SETUP := $(VENV)/.ready
CORES := --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: demo test check fmt bench soak docs hardware clean

demo: $(SETUP)  ## two virtual cuffs, the real firmware, bleak, a report (SPEED=4 is quicker, SERVE=1 keeps the page)
	@$(RUN)/distal demo $(if $(SPEED),--speed $(SPEED)) $(if $(SERVE),--serve) $(ARGS)

test: $(SETUP)  ## everything, under 10 minutes on 2 cores
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/pytest $(CORES) $(ARGS)

check: $(SETUP)  ## the quick ones, under 2 minutes
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/pytest -m "not slow" -q $(CORES) $(ARGS)

fmt: $(SETUP)
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

bench: $(SETUP)  ## speed beside a limit, in one run
	$(RUN)/python -m tests.bench $(ARGS)

soak: $(SETUP)  ## long runs: fuzz, kills, hours of virtual time, planted bugs; SEEDS=1000 sessions that go wrong, HOURS=24 (RATE=104 is quicker)
	DISTAL_SOAK=1 $(if $(SEEDS),DISTAL_SEEDS=$(SEEDS)) $(if $(HOURS),DISTAL_HOURS=$(HOURS)) $(if $(MINUTES),DISTAL_MINUTES=$(MINUTES)) \
		$(if $(RATE),DISTAL_RATE=$(RATE)) \
		$(RUN)/pytest -v tests/soak tests/system/test_kill.py $(ARGS)

hardware:  ## board, case, wiring and their gates; installs KiCad 9 where it can
	@cd hardware && $(PYTHON) -m gates $(ARGS)

docs: $(SETUP)  ## write the generated tables again
	$(RUN)/python -m distal_wire.tables protocol/README.md
	$(RUN)/python -m tests.docs
	$(RUN)/python -m tests.readme

$(SETUP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Distal needs Python 3.11 or newer; set PYTHON=python3.x"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable '.[virtual,dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist

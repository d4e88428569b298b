# Run by MicroPython: `mp_run.py mp_ring test_name` calls one test; a failure is a traceback.
import sys

getattr(__import__(sys.argv[1]), sys.argv[2])()

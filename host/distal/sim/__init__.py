"""The whole system under one clock, with what goes wrong drawn from one seed."""

"""Checks look and never repair. One that cannot run counts as not done, never as passed."""

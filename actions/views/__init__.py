"""The pages of the plan, one file per family."""

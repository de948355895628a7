"""The steps, in their order: each plans, none writes."""

"""What a step answers: plans of sites and edits; the symbols; what a candidate is."""

"""What compressing costs: exact truth, recall, who pays, a sweep over codecs and budgets."""

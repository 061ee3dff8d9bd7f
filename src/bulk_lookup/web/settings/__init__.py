"""The settings: provider accounts, prices, reuse, budget, organization, appearance. Members are with people."""

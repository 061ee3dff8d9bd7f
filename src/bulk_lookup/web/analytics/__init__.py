"""Analytics: volume, quality, costs and speed over a span of days, all from kept counts."""

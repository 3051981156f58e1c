"""The lake on one machine: a lifelike month of raw files, and the daily workflow over it."""

"""A day's tables -> whether they may be merged: rules counted through Athena, results as table, report and metrics."""

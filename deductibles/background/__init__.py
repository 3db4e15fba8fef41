"""Background work on claims, as the list of all of it tells nights, back-tests, forecasts and recounts."""

"""Does holding pay: the ledger, the back-test and the forecast."""

"""The outside world: AR Boost (`arboost`) and the clearinghouse (`clearinghouse`), both over `wire`."""

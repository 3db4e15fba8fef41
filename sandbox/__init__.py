"""Stand-ins for AR Boost and the clearinghouse: separate processes that import nothing of ours."""

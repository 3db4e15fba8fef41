"""Words and amounts as the biller's pages write them."""

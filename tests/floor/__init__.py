"""A month of a floor: seats, agencies and settlement work a book through the product, and its reports are recounted."""

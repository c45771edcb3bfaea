"""The portal's way in: requests for a code, and sessions of persons."""

"""接口: tokens as service accounts, their scopes and pace, answers that are given once, and what only the API reads."""

"""Zhizhi 知止: post-loan collections whose law is part of the machine."""

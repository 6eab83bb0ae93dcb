"""Measures sohoa beside plain Tesseract and OCRmyPDF on the same pages, in one run.

The way of the data: pages (images and their true text) -> contenders (commands, and where their
text ends up) -> measured (seconds, memory) -> scoring (character errors) -> table (what is shown).
"""

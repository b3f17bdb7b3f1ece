"""OHIF, the viewer of images for a browser: its built files, made ready once (install), served by site."""

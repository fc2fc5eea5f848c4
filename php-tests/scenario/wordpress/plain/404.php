<!DOCTYPE html>
<html><head><?php wp_head(); ?></head><body>Nothing is here.</body></html>

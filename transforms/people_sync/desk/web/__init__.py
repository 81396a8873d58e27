"""What any page needs: addresses, sockets, cookies, forms, headers, limits, sessions."""

;;; dextctl in Emacs 29 and later, with eglot: M-x eglot in a property list, or the hooks below.
(add-to-list 'auto-mode-alist '("\\.\\(plist\\|entitlements\\)\\'" . nxml-mode))
(add-to-list 'auto-mode-alist '("\\.iig\\'" . c++-mode))
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(nxml-mode . ("dextctl" "lsp"))))
(add-hook 'nxml-mode-hook #'eglot-ensure)

;; An .iig belongs to clangd's mode; for dextctl alone in this buffer: M-x eglot with a prefix argument,
;; and "dextctl lsp" as the program.
;; Settings, in .dir-locals.el:
;; ((nil . ((eglot-workspace-configuration . (:dextctl (:ignore ["DX2"] :dump "ioreg.txt"))))))

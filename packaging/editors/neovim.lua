-- dextctl in Neovim 0.8 and later: findings, hover (K), completion (omnifunc), mends, definition.
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = { "*.entitlements", "*.iig" },
  callback = function(args)
    vim.bo[args.buf].filetype = args.match:match("%.iig$") and "cpp" or "xml"
  end,
})
vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile" }, {
  pattern = { "*.plist", "*.entitlements", "*.iig", "project.yml" },
  callback = function(args)
    local top = vim.fs.find({ ".git", "project.yml", ".dextctl.json" }, { upward = true, path = vim.fs.dirname(args.file) })[1]
    vim.lsp.start({
      name = "dextctl",
      cmd = { "dextctl", "lsp" },
      root_dir = top and vim.fs.dirname(top) or vim.fs.dirname(vim.fn.fnamemodify(args.file, ":p")),
      settings = { dextctl = {} }, -- select, ignore, ruleset, preview, config, dump
    }, { bufnr = args.buf })
  end,
})

-- Mends all that can be mended safely before a file is written:
-- vim.api.nvim_create_autocmd("BufWritePre", {
--   pattern = { "*.plist", "*.entitlements" },
--   callback = function()
--     vim.lsp.buf.code_action({ context = { only = { "source.fixAll.dextctl" }, diagnostics = {} }, apply = true })
--   end,
-- })

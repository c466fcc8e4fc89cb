-- Uses the server through Neovim's client as its user would: opens a file, reads the findings, applies a
-- mend, asks, goes to a definition. Run by neovim.sh. Works with Neovim 0.7 and later.
local project = vim.env.PROJECT
local failed = 0
local function check(ok, what)
  if not ok then
    failed = failed + 1
    io.stdout:write("not so: " .. what .. "\n")
  end
end
local function codes(buffer)
  local list = {}
  for _, d in ipairs(vim.diagnostic.get(buffer)) do
    list[d.code or (d.user_data and d.user_data.lsp and d.user_data.lsp.code) or "?"] = d
  end
  return list
end

local client = vim.lsp.start_client({
  name = "dextctl",
  cmd = { vim.env.DEXTCTL, "lsp" },
  root_dir = project,
  workspace_folders = { { uri = vim.uri_from_fname(project), name = "project" } },
})
check(client, "the server starts")
vim.cmd("edit " .. project .. "/Driver/Info.plist")
local buffer = vim.api.nvim_get_current_buf()
vim.lsp.buf_attach_client(buffer, client)

check(vim.wait(20000, function() return codes(buffer).DX103 ~= nil end, 20), "DX103 is shown")
local d = codes(buffer).DX103
local line = d and vim.api.nvim_buf_get_lines(buffer, d.lnum, d.lnum + 1, false)[1] or ""
check(line:find("0x1234", 1, true), "on the line of the value: " .. line)

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  for _, a in pairs(answers or {}) do
    return a.result
  end
end
local function at(mark, after)
  for i, text in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local col = text:find(mark, 1, true)
    if col then
      return { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = i - 1, character = col - 1 + (after or 0) } }
    end
  end
end

local hover = ask("textDocument/hover", at("IOProviderClass", 2))
check(hover and hover.contents.value:find("nub"), "hover")
local there = ask("textDocument/definition", at("<string>ExampleDisk", 10))
check(there and there.uri:find("ExampleDisk.iig", 1, true) and there.range.start.line == 2, "definition")
local list = ask("textDocument/completion", at("IOUSBHostInterface", 3))
local names = {}
for _, item in ipairs(list and list.items or {}) do
  names[item.label] = true
end
check(names.IOPCIDevice and names.IOUSBHostDevice, "completion")

-- All mends of the file, as a save hook would apply them.
local whole = { start = { line = 0, character = 0 }, ["end"] = { line = 999, character = 0 } }
local actions = ask("textDocument/codeAction", {
  textDocument = { uri = vim.uri_from_bufnr(buffer) },
  range = whole,
  context = { diagnostics = {}, only = { "source.fixAll" } },
})
check(actions and #actions == 1 and actions[1].kind == "source.fixAll.dextctl", "one action mends all")
if actions and actions[1] then
  vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
end
local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
check(text:find("<integer>4660</integer>", 1, true), "what stood as a string is a number")
check(vim.wait(20000, function() return codes(buffer).DX103 == nil end, 20), "and the finding is gone")

vim.lsp.stop_client(client)
check(vim.wait(20000, function() return vim.lsp.client_is_stopped(client) end, 20), "it stops when it is told to")
io.stdout:write(failed == 0 and "neovim: all well\n" or "")
vim.cmd(failed == 0 and "qall!" or "cquit 1")

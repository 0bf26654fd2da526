console.log(require("greet").text);
